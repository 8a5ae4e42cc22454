"""The dialog in which the rule's numbers are changed."""

from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

from drift_core.agreement.rule import Rule
from drift_core.errors import SettingError
from pages.components.frame import results
from pages.components.session import session

# What each number of the rule decides; the numbers themselves come from the rule.
_GROUPS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Textbook bands": {
            "spread_suspect": "Spread: suspect from",
            "spread_confirmed": "Spread: confirmed above",
            "agreement_healthy": "Production agreement: healthy from",
            "agreement_suspect": "Production agreement: confirmed below",
            "labels_healthy": "Same labels in production: healthy from",
            "labels_suspect": "Same labels in production: confirmed below",
            "overlap_healthy": "Overlap: healthy from",
            "overlap_confirmed": "Overlap: confirmed below",
            "region_healthy": "A region's agreement: healthy from",
            "region_suspect": "A region's agreement: confirmed below",
            "region_share": "A region counts from this share of traffic",
        },
        "What the evidence is judged by": {
            "confidence": "Confidence level of every interval",
            "alpha": "Error rate of a decision, and false discovery rate over regions",
            "power": "Power that planned sample sizes aim at",
            "material_loss": "Smallest loss of agreement worth acting on",
            "region_loss": "Smallest fall of a region that is flagged",
            "region_min_queries": "A region is tested from this many queries",
            "quality_low": "Agreement with human labels is low below",
            "few_queries": "Below this many queries their number is a finding",
        },
        "Weekly canary": {
            "alarm_budget": "Chance of any false alarm in a year",
            "alarm_share": "Share of that for all traffic, the rest for regions",
            "alarm_new_share": "Share of the regions' part for new ones in their first weeks",
            "alarm_loss": "Smallest loss of agreement that alarms",
            "canary_min_pairs": "A week counts from this many pairs",
            "canary_min_queries": "A week counts from this many queries",
            "weekly_drop": "Textbook: alarm at this fall of agreement in a week",
            "weekly_overlap_drop": "Textbook: alarm at this fall of overlap in a week",
        },
    }
)


@st.dialog("Settings of the rule", width="large")
def edit_rule() -> None:
    """Change the rule; every page follows."""
    st.caption("Every threshold and error rate that a verdict rests on. K is set on the overlap page.")
    rule = session.rule()
    with st.form("rule_form", border=False):
        groups = [_group(title, names, rule) for title, names in _GROUPS.items()]
        save, reset = st.columns(2)
        is_saved = save.form_submit_button(results.on_primary("Use these"), type="primary")
        is_reset = reset.form_submit_button("Back to the defaults")
    if is_reset:
        session.reset_rule()
        st.rerun()
    if is_saved:
        _use({name: value for group in groups for name, value in group.items()})


def _group(title: str, names: Mapping[str, str], rule: Rule) -> dict[str, float | int]:
    st.subheader(title, anchor=False)
    columns = st.columns(2)
    return {name: _number(columns[i % 2], name, label, rule) for i, (name, label) in enumerate(names.items())}


def _number(column: st.delta_generator.DeltaGenerator, name: str, label: str, rule: Rule) -> float | int:
    value = getattr(rule, name)
    key = f"rule_{name}"
    if isinstance(value, int):
        return int(column.number_input(label, min_value=1, value=value, step=1, key=key))
    return float(column.number_input(label, value=value, step=0.01, format="%.2f", key=key))


def _use(changed: dict[str, float | int]) -> None:
    try:
        session.change_rule(**changed)
    except SettingError as error:
        st.error(results.escape(error))
        return
    st.rerun()
