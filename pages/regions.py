"""Test 3: where does it disagree?"""

import streamlit as st

from drift_core.diagnosis.regions_in_words import regions_sentence, regions_table
from drift_core.report.nowhere import everywhere
from pages.components.frame import frame, progress, results
from pages.components.frame.steps import State, regions_state
from pages.components.regions import map_panel, named_panel, region_panel
from pages.components.regions.scene import scene_of
from pages.components.session import cached

with frame.page("regions") as inv:
    place = st.container()
    with progress.shown("Comparing regions") as report:
        made = cached.diagnosis(inv, report)
        layout = cached.map_layout(inv, report)
    scene = scene_of(made, layout)

    with place:
        elsewhere = [each for each in made.regions.regions if each.partition != scene.partition.name]
        sentence = regions_sentence(scene.regions, elsewhere=elsewhere, is_open=made.regions.is_open)
        sentence = f"{sentence} {made.regions.same_pairs}".rstrip()
        if scene.partition.kind == "drawn":
            sentence = made.regions.sentence
        state: State = made.regions.reading
        if scene.is_todays or not results.has_all_pinned(made.production):
            sentence, state = everywhere(made) or sentence, regions_state(made).state
        else:
            sentence = f"Under the pinned teacher {sentence[0].lower()}{sentence[1:]}"
        results.verdict(sentence, state, textbook=made.regions.band)

    by, which, words = st.columns(3)
    with by:
        map_panel.partition_choice(scene)
    with which:
        map_panel.region_list(scene)
    with words:
        map_panel.search()

    workspace, beside = st.columns([7, 4], gap="medium")
    with beside:
        card = region_panel.summary(inv, scene)
        region_panel.opened_pair(scene)
        st.subheader("Regions by the loss they carry", anchor=False)
        map_panel.teacher_choice(scene)
        map_panel.draw_regions(inv, scene)
    with workspace:
        map_panel.draw_map(inv, scene, card=card)
        map_panel.days_choice(scene)
        colour, number = st.columns([1, 1])
        with colour:
            map_panel.colour_choice(scene)
            map_panel.heldout_choice()
        with number:
            map_panel.cluster_count()
        st.caption(map_panel.map_in_words(layout))

    named_panel.named(scene)
    region_panel.show(scene)

    with st.expander("All regions as a table", key="regions_table", on_change="rerun"):
        drawn = [each.inside for each in made.regions.drawn if each.inside not in scene.regions]
        table = regions_table([*scene.regions, *drawn])
        st.dataframe(table.drop(columns="Why"), hide_index=True, alt="Regions with their figures.")
        why = table[["Region", "Why"]].itertuples(index=False, name=None)
        st.markdown("\n".join(f"- **{results.escape(name)}.** {results.escape(told)}" for name, told in why))
    with st.expander("How the map is made", key="regions_made", on_change="rerun"):
        st.markdown(results.escape(scene.partition.reason))
        st.markdown(results.escape(layout.reason))
        map_panel.engine_choice()
    with st.expander("How a region is flagged", key="regions_flagged", on_change="rerun"):
        st.markdown(
            "A region is compared with itself on held-out; one that held-out lacks, with the familiar rest of "
            "production. It is flagged when student and teacher differ more than before, by more than chance over all "
            "regions tested together."
        )
    frame.next_step("verdict", "The regions say where. What caused it, and how sure that is, comes next.")
