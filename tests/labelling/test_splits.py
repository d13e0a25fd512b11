"""Splits and clusters on worked examples, and the sentences that say why a set cannot be used."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from core.config import from_dict
from core.errors import InputError
from core.labelling import splits, windows
from core.loading.record.minute import epoch_minutes
from support.fake_source import FIRST, events_table, utc

FIRST_MINUTE = int(epoch_minutes(pd.DatetimeIndex([FIRST]))[0])
DAY = 1440


def config(embargo_days=0.0, horizon_days=1.0, class_ratio="natural", **split):
    return from_dict(
        {
            "windows": {"length_minutes": DAY},
            "labels": {"horizon_days": horizon_days, "class_ratio": class_ratio},
            "split": {"embargo_days": embargo_days, **split},
        }
    )


def table_of(days, label=0, station="AAA", horizon_days=1.0, cluster=-1):
    """One-day windows that start on the given days of the record and are kept."""
    days = np.asarray(days)
    table = windows.frame(station, FIRST_MINUTE + days * DAY, DAY)
    label = np.broadcast_to(label, len(days)).astype(np.int8)
    return table.assign(
        label=label,
        footprint_end=table["end"] + pd.Timedelta(days=horizon_days),
        cluster=np.broadcast_to(cluster, len(days)),
    )


def days_of(table, split):
    return sorted(set(((table.loc[table["split"] == split, "start"] - FIRST).dt.days).tolist()))


def test_blocks_follow_each_other_in_time_and_what_crosses_a_boundary_goes_to_the_embargo():
    out = splits.assign(table_of(range(20)), config())
    # Boundaries at 60 % and 80 %: the starts of days 12 and 16. Footprints are two days long.
    assert days_of(out, "train") == list(range(11))
    assert days_of(out, "embargo") == [11, 15]
    assert days_of(out, "validation") == [12, 13, 14]
    assert days_of(out, "test") == [16, 17, 18, 19]


def test_a_balanced_set_is_cut_by_the_windows_that_will_be_drawn_so_late_positives_reach_the_training_block():
    table = table_of(range(20), label=[0] * 14 + [1] * 6, horizon_days=0)
    # 14 negatives weigh as much as 6 positives, together 12: with the positive of day 14 it is 7, then 8, 9, 10 ...
    # Day 15 is the first past 60 % (7.2), day 17 the first past 80 % (9.6).
    out = splits.assign(table, config(class_ratio="balanced"))
    assert (days_of(out, "train")[-1], days_of(out, "validation"), days_of(out, "test")) == (14, [15, 16], [17, 18, 19])
    natural = splits.assign(table, config(class_ratio="natural"))
    assert days_of(natural, "train")[-1] == 11


def test_a_station_without_positives_does_not_move_the_boundaries_of_a_balanced_set():
    alone = table_of(range(20), label=[0, 1] * 10)
    idle = table_of(range(10, 30), station="BBB")
    pooled = splits.assign(pd.concat([alone, idle], ignore_index=True), config(class_ratio="balanced"))
    expected = splits.assign(alone, config(class_ratio="balanced"))
    assert pooled["split"].iloc[:20].tolist() == expected["split"].tolist()


def test_the_embargo_keeps_the_blocks_that_far_apart():
    out = splits.assign(table_of(range(50)), config(embargo_days=2.5))
    ends = {s: out.loc[out["split"] == s, "footprint_end"].max() for s in splits.SPLITS}
    starts = {s: out.loc[out["split"] == s, "footprint_start"].min() for s in splits.SPLITS}
    assert starts["validation"] - ends["train"] >= pd.Timedelta(days=2.5)
    assert starts["test"] - ends["validation"] >= pd.Timedelta(days=2.5)


def test_by_default_the_embargo_is_one_window_length():
    assert splits.embargo_minutes(config(embargo_days=-1)) == DAY
    assert splits.embargo_minutes(config(embargo_days=0)) == 0


def test_the_boundaries_are_the_same_instants_for_all_stations():
    late = table_of(range(10, 30), station="BBB")
    out = splits.assign(pd.concat([table_of(range(20)), late], ignore_index=True), config())
    for split in splits.SPLITS:
        by_station = [out[(out["split"] == split) & (out["station"] == s)] for s in ("AAA", "BBB")]
        others = out[(out["split"] != split) & out["split"].isin(splits.SPLITS)]
        for rows in by_station:
            for _, row in rows.iterrows():
                overlap = (others["footprint_start"] < row["footprint_end"]) & (
                    others["footprint_end"] > row["footprint_start"]
                )
                assert not overlap.any()


def test_without_a_test_fraction_there_is_no_test_block():
    out = splits.assign(table_of(range(20)), config(test_fraction=0))
    assert days_of(out, "train") == list(range(15))
    assert days_of(out, "validation") == [16, 17, 18, 19]
    assert days_of(out, "test") == []


def test_rejected_windows_get_no_split():
    table = table_of(range(20))
    table.loc[3, "rejected"] = "incomplete"
    out = splits.assign(table, config())
    assert out.loc[3, "split"] == ""
    assert (out.drop(index=3)["split"] != "").all()


def test_a_cluster_stays_where_most_of_its_windows_are_and_the_rest_goes_to_the_embargo():
    cluster = np.full(20, -1)
    cluster[[9, 10, 12, 13, 14]] = 0  # two windows in train, three in validation
    out = splits.assign(table_of(range(20), cluster=cluster), config())
    assert days_of(out, "train") == list(range(9))
    assert days_of(out, "validation") == [12, 13, 14]
    assert days_of(out, "embargo") == [9, 10, 11, 15]


def test_the_random_split_deals_out_the_papers_shares_and_repeats_with_the_seed():
    def deal(seed):
        return splits.assign(table_of(range(100)), config(method="random", test_fraction=0, seed=seed))["split"]

    assert deal(1).value_counts().to_dict() == {"train": 80, "validation": 20}
    assert deal(1).tolist() == deal(1).tolist() != deal(2).tolist()


def test_of_five_blocks_one_tests_the_one_before_validates_and_the_others_train():
    # 20 windows, blocks of four; footprints of two days, so the last window before each boundary is left out.
    out = splits.assign(table_of(range(20)), config(n_blocks=5, test_block=2))
    assert days_of(out, "validation") == [4, 5, 6] and days_of(out, "test") == [8, 9, 10]
    # Between two training blocks nothing is left out: day 15 to 16.
    assert days_of(out, "train") == [0, 1, 2, *range(12, 20)]
    assert days_of(out, "embargo") == [3, 7, 11]


def test_the_first_block_is_validated_by_the_last_and_the_last_is_the_default_test_block():
    first = splits.assign(table_of(range(20)), config(n_blocks=5, test_block=0))
    assert days_of(first, "test") == [0, 1, 2] and days_of(first, "validation") == [16, 17, 18, 19]
    last = splits.assign(table_of(range(20)), config(n_blocks=5))
    assert days_of(last, "test") == [16, 17, 18, 19] and days_of(last, "validation") == [12, 13, 14]


def test_every_window_is_in_the_test_block_of_one_fold_or_beside_a_boundary():
    tested = [days_of(splits.assign(table_of(range(40)), config(n_blocks=5, test_block=k)), "test") for k in range(5)]
    assert sorted(sum(tested, [])) == sorted(set(range(40)) - {7, 15, 23, 31})


def test_a_station_left_out_is_tested_at_a_time_at_which_nobody_trained():
    both = pd.concat([table_of(range(20)), table_of(range(20), station="BBB")], ignore_index=True)
    out = splits.assign(both, config(method="leave_one_station_out", test_station="BBB"))
    places = {name: set(out.loc[out["split"] == name, "station"]) for name in splits.SPLITS}
    assert places == {"train": {"AAA"}, "validation": {"AAA"}, "test": {"BBB"}}
    assert days_of(out, "test") == [16, 17, 18, 19]
    assert max(days_of(out, "train")) < min(days_of(out, "validation")) <= max(days_of(out, "validation")) < 16


def test_the_final_block_is_the_last_of_time_whatever_the_method():
    table = table_of(range(20))
    out = splits.assign(table, config(final_fraction=0.2))
    assert days_of(out, "final") == [16, 17, 18, 19]
    # Of the first 16 days 60 % are 9.6: the tenth window, of day 9, is the first past it; then 12.8, day 12.
    assert days_of(out, "validation") == [9, 10] and days_of(out, "test") == [12, 13, 14]
    for method in ("random", "grouped"):
        dealt = splits.assign(table, config(method=method, final_fraction=0.2))
        assert days_of(dealt, "final") == [16, 17, 18, 19]
        assert max(days_of(dealt, "train") + days_of(dealt, "test")) <= 14  # day 15 reaches into the final block


def test_a_final_block_with_a_first_day_holds_all_that_begins_after_it_and_what_reaches_over_is_left_out():
    out = splits.assign(table_of(range(20)), config(final_start="2016-01-11"))  # the start of day 10
    assert days_of(out, "final") == list(range(10, 20))
    # Footprints are two days long. Of the nine windows of days 0 to 8, 60 % are 5.4 and 80 % are 7.2.
    assert days_of(out, "train") == [0, 1, 2, 3] and days_of(out, "validation") == [5]
    assert days_of(out, "test") == [7, 8]
    assert days_of(out, "embargo") == [4, 6, 9]


def test_what_lies_before_the_first_day_of_the_final_block_depends_on_nothing_after_it():
    label, cluster = np.arange(40) % 3 == 0, np.full(40, -1)
    cluster[[8, 11, 12, 13]] = 5  # a sequence that goes on after day 10, most of it there
    table = table_of(range(40), label=label, cluster=cluster)
    chosen = config(class_ratio="balanced", final_start="2016-01-11")
    short, long = splits.assign(table.iloc[:10], chosen), splits.assign(table, chosen)
    assert short["split"].tolist() == long["split"].iloc[:10].tolist()
    assert long["split"].iloc[8] == "test" and long["split"].iloc[11:14].tolist() == ["embargo"] * 3


def test_a_final_block_that_has_not_begun_has_no_window():
    assert days_of(splits.assign(table_of(range(20)), config(final_start="2030-01-01")), "final") == []
    refuse(table_of(range(20), label=[0, 1] * 10), config(final_start="2030-01-01"), "The final split has no window")


def test_the_grouped_split_keeps_clusters_together_and_quiet_windows_apart():
    cluster = np.where(np.arange(100) % 2 == 0, np.arange(100) // 10, -1)
    out = splits.assign(table_of(range(100), cluster=cluster), config(method="grouped", seed=3))
    assert out[out["cluster"] >= 0].groupby("cluster")["split"].nunique().max() == 1
    assert out["split"].isin(splits.SPLITS).all()
    share = out["split"].value_counts() / 100
    assert 0.1 <= share["validation"] <= 0.2 and 0.1 <= share["test"] <= 0.25
    quiet = out[out["cluster"] < 0]["split"].to_numpy()
    assert (quiet[1:] != quiet[:-1]).sum() > 10  # neighbours in time on both sides


def events_at(*days, station="AAA", ids=None):
    events = events_table([FIRST + pd.Timedelta(days=d) for d in days]).assign(station=station, target=True)
    return events.assign(event_id=ids) if ids else events


def clusters_of(events, chosen=None):
    table = windows.frame("AAA", np.zeros(len(events), dtype=np.int64), DAY).assign(
        event_id=events["event_id"].to_numpy()
    )
    return splits.clusters(table, events, chosen or config())["cluster"].tolist()


def test_events_less_than_a_footprint_apart_form_a_chain_and_later_ones_a_new_cluster():
    # Footprint: one day of window and one day of horizon.
    assert clusters_of(events_at(0, 1.9, 3.8, 5.9, 7.9, 20)) == [0, 0, 0, 1, 2, 3]


def test_a_cluster_spans_stations_and_the_same_event_at_two_stations_is_one():
    a, b = events_at(0, 10, ids=["x", "y"]), events_at(10, 11, station="BBB", ids=["y", "z"])
    assert clusters_of(pd.concat([a, b], ignore_index=True)) == [0, 1, 1, 1]


def test_the_same_event_with_two_origin_times_is_still_one():
    # Two catalogues can disagree; the id decides.
    assert clusters_of(events_at(0, 5, 9, ids=["x", "y", "x"])) == [0, 1, 0]


def test_events_of_one_sequence_are_one_cluster_however_far_apart_in_time():
    events = events_at(0, 10, 20, 30).assign(group=[4, 7, 4, 8])
    assert clusters_of(events) == [0, 1, 0, 2]


def test_events_that_are_no_targets_link_nothing():
    events = events_at(0, 1.5, 3).assign(target=[True, False, True])
    assert clusters_of(events) == [0, -1, 1]


def test_the_reach_of_a_cluster_is_the_footprint_of_either_sampling():
    assert splits.footprint_minutes(config(horizon_days=3)) == 4 * DAY
    aligned = {"length_minutes": DAY, "sampling": "event_aligned", "lead_gap_minutes": 90}
    for margin, expected in ((2.0, 3 * DAY), (0.0, DAY + 90)):
        chosen = from_dict({"windows": aligned, "labels": {"quiet_margin_days": margin}})
        assert splits.footprint_minutes(chosen) == expected


def refuse(table, chosen, match, targets="0 target events above magnitude 4 within 200 km and 30 km depth of AAA"):
    with pytest.raises(InputError, match=match):
        splits.require(splits.assign(table, chosen), targets, chosen)


def test_without_positives_the_sentence_counts_windows_and_targets_and_says_what_to_change():
    refuse(
        table_of(range(20)),
        config(),
        "No training window has label 1: 20 candidate windows, 0 target events above magnitude 4 within 200 km and "
        "30 km depth of AAA. Lower min_magnitude or raise max_distance_km.",
    )


def test_if_all_positives_were_rejected_the_commonest_reason_and_its_remedy_are_named():
    table = table_of(range(20), label=[1] * 5 + [0] * 15)
    table.loc[:2, "rejected"] = "gap longer than 3 min"
    table.loc[3:4, "rejected"] = "storm (Kp >= 4.667)"
    refuse(table, config(), "All 5 positive windows were rejected, 3 of them: gap longer than 3 min. Raise max_gap_min")


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        (windows.INCOMPLETE, "shorter windows or more data"),
        ("more than 5 % missing", "Raise max_missing_fraction"),
        (windows.OUTSIDE_CATALOGUE, "a catalogue that covers the record"),
        (windows.OUTSIDE_KP, 'Ingest Kp for this period, or set storm_rule to "none"'),
        ("storm (Kp >= 4.667)", "Raise storm_kp"),
    ],
)
def test_every_reason_that_can_reject_all_positives_has_a_remedy(reason, remedy):
    table = table_of(range(20), label=[1] * 5 + [0] * 15)
    table.loc[:4, "rejected"] = reason
    refuse(table, config(), f"All 5 positive windows were rejected, 5 of them: {re.escape(reason)}. .*{remedy}")


@pytest.mark.parametrize("reason", [windows.OVERLAPS_EVENT, windows.NOT_DRAWN, "a reason of tomorrow"])
def test_a_reason_that_no_option_takes_away_still_gets_a_sentence(reason):
    table = table_of(range(20), label=[1] * 5 + [0] * 15)
    table.loc[:4, "rejected"] = reason
    refuse(table, config(), f"All 5 positive windows were rejected, 5 of them: {reason}. `precursor preview` says what")


def test_a_reason_is_known_by_its_whole_words_under_the_config_that_gave_them():
    known = config()
    assert windows.kind_of("gap longer than 3 min", known) == windows.ReasonKind.GAP
    assert windows.kind_of("gap longer than 30 min", known) is None
    given = windows.reasons(known)
    assert list(given) == list(windows.ReasonKind) and len({reason.words for reason in given.values()}) == len(given)
    assert all(windows.kind_of(reason.words, known) == kind for kind, reason in given.items())


def test_a_training_block_of_one_class_is_refused_and_says_where_the_others_are():
    refuse(
        table_of(range(20), label=[0] * 16 + [1] * 4), config(), "label 1: 11 training windows.*other blocks of time"
    )
    refuse(
        table_of(range(20), label=[1] * 16 + [0] * 4), config(), "label 0: 11 training windows.*other blocks of time"
    )


def test_an_empty_block_is_refused():
    refuse(table_of(range(20), label=[0, 1] * 10), config(embargo_days=30), "validation split has no window.*embargo")


def test_one_class_in_validation_or_test_is_not_refused():
    table = splits.assign(table_of(range(20), label=[0, 1] * 5 + [0] * 10), config())
    splits.require(table, "", config())


def test_times_of_windows_are_utc():
    assert windows.frame("AAA", np.array([FIRST_MINUTE]), 60)["start"].tolist() == [utc("2016-01-01")]


def ten_days():
    """Six training, two validation and two test windows of a day each, with an event in every one."""
    days = pd.date_range("2020-01-01", periods=10, freq="D", tz="UTC")
    table = pd.DataFrame({"footprint_start": days, "footprint_end": days + pd.Timedelta(days=1)})
    table["split"] = pd.array(["train"] * 6 + ["validation"] * 2 + ["test"] * 2, dtype="str")
    table["event_id"] = pd.array([f"e{day}" for day in range(10)], dtype="str")
    return days, table.assign(cluster=range(10))


def learned(starts, ends, split="train", event_id=""):
    table = pd.DataFrame({"footprint_start": starts, "footprint_end": ends})
    return table.assign(split=split, event_id=event_id)


def test_windows_that_an_ancestor_trained_on_are_withheld_from_scoring():
    days, table = ten_days()
    trained = learned(
        [days[2], days[6] + pd.Timedelta(hours=23), days[9] - pd.Timedelta(hours=9)], [days[3], days[7], days[9]]
    )
    out, (caveat,) = splits.withhold(table, trained)
    # Day 6 shares an hour; day 8 shares its last nine hours; day 7 begins, and day 9 begins, where a trained one ends.
    assert out["split"].tolist() == ["train"] * 6 + ["embargo", "validation", "embargo", "test"]
    assert caveat.kind == "withheld" and caveat.sentence.startswith("2 validation and test windows are withheld")
    assert splits.withhold(table, trained.iloc[:1])[1] == []


def test_windows_whose_earthquakes_an_ancestor_trained_on_are_withheld_with_their_cluster():
    days, table = ten_days()
    table["cluster"] = [0, 1, 2, 3, 4, 8, 6, 7, 8, -1]  # the aftershocks of e5 go on until the test block
    out, _ = splits.withhold(table, learned([days[5]], [days[6]], event_id="e5"))
    assert out["split"].tolist() == ["train"] * 6 + ["validation"] * 2 + ["embargo", "test"]
    out, sentences = splits.withhold(table, learned([days[0]], [days[1]], event_id=""))  # a quiet window has no event
    assert sentences == []


def test_a_window_of_the_final_block_whose_earthquakes_an_ancestor_trained_on_is_withheld_too():
    days, table = ten_days()
    table["cluster"] = [0, 1, 2, 3, 4, 8, 6, 7, -1, 8]
    table["split"] = [*table["split"].iloc[:9], splits.FINAL]
    out, _ = splits.withhold(table, learned([days[5]], [days[6]], event_id="e5"))  # days before: no footprint in common
    assert out["split"].iloc[9] == splits.EMBARGO


def test_a_validation_window_that_chose_the_weights_may_validate_again_but_never_test():
    days, table = ten_days()
    out, _ = splits.withhold(table, learned(days[[7, 8]], days[[8, 9]], split="validation"))
    assert out["split"].tolist() == ["train"] * 6 + ["validation"] * 2 + ["embargo", "test"]
