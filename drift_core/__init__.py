"""Diagnose distillation drift."""
