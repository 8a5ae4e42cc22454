"""The app's charts for notebooks and reports: functions from value types to charts that carry a text alternative."""
