"""The lab: one data folder, and everything that can be done in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import data_folder, jupyter
from core.errors import InputError
from core.lab.folder import Time, here
from core.lab.intake import Intake
from core.progress import Progress

if TYPE_CHECKING:  # a method imports what it needs, so that the door opens at once
    import pandas as pd

    from core.config import ExperimentConfig
    from core.lab.judged import Judged
    from core.lab.listed import Runs
    from core.labelling.feasibility import Preview
    from core.labelling.window_set import WindowSet
    from core.loading.record.source import Source
    from core.runs.runs import Run

DEMO = "demo"  # the folder of `Lab.demo`, within the data folder


class Lab(Intake):
    """
    A data folder, and what can be done in it.

    Paths are text or Path. Times are text or times, in UTC unless they name a zone. Whatever cannot be done raises
    `core.errors.InputError` with one sentence; no method leaves half of something behind.

    Parameters
    ----------
    data : str or Path
        The data folder; it is made when something is stored. Default: the one that the command line uses.
    progress : Progress, optional
        Who hears how far long work is, and may stop it.

    Raises
    ------
    InputError
        If `data` is a file, or no path.

    Examples
    --------
    >>> Lab("somewhere/new")  # doctest: +ELLIPSIS
    <Lab .../somewhere/new: empty>
    """

    @classmethod
    def demo(cls, data: str | Path = "", whole: bool = False, progress: Progress | None = None) -> Lab:
        """
        A lab with made-up data: a world without a precursor and one with, and a judged run in each.

        It needs no network, and half a minute of processor time; the second call finds what is there.

        Parameters
        ----------
        data : str or Path
            Default: the folder `demo` in the data folder, so that nothing lies among one's own runs.
        whole : bool
            Make all that `precursor demo` makes, in a few minutes.
        progress : Progress, optional
        """
        from core import demo

        lab = cls(data or data_folder.data_dir() / DEMO, progress)
        with data_folder.using(lab.folder):
            (demo.make if whole else demo.make_both_answers)(lab.folder, lab.progress)
        return lab

    def __repr__(self) -> str:
        from core.runs.runs import RunStore

        try:
            stations, n_runs = self.archive.stations(), len(RunStore(self.folder).ids())
        except (InputError, OSError):
            return f"<Lab {self.folder}: cannot be read>"
        parts = [f"minutes of {' '.join(stations)}"] if stations else []
        parts += [jupyter.counted(n_runs, "run")] if n_runs else []
        return f"<Lab {self.folder}: {', '.join(parts) or 'empty'}>"

    def _repr_html_(self) -> str:
        try:
            parts = [each._repr_html_() for each in (self.archive, self.runs)]
        except (InputError, OSError) as error:
            return jupyter.card(f"Lab {self.folder}", sentences=[str(error)])
        return jupyter.card(f"Lab {self.folder}", tables=parts)

    # From a config to a verdict

    @here
    def load_config(self, name: str | Path, /, **changes: Any) -> ExperimentConfig:
        """A config of this folder or of the project, with changes; see `core.load_config`."""
        from core.lab.configs import load_config

        return load_config(name, **changes)

    @here
    def source(self, config: ExperimentConfig | str | Path) -> Source:
        """The archive or made-up world that a config asks for; one that is not stored is made for the look only."""
        from core.runs.sources import look_at

        return look_at(self._config(config), self.folder, self.progress)

    @here
    def preview(self, config: ExperimentConfig | str | Path, source: Source | None = None) -> Preview:
        """
        What a config yields, before any training; nothing is stored. See `core.labelling.dataset.preview`.

        Parameters
        ----------
        config : ExperimentConfig, or the name or file of one
        source : Source, optional
            What `source` gave for it, so that a world is not made twice.

        Raises
        ------
        InputError
            If there is no such config, or no minute data of its stations.
        """
        from core.labelling import dataset
        from core.runs.pipeline import settled

        chosen = self._config(config)
        source = source or self.source(chosen)
        self.progress.stage("Cutting and labelling windows")
        return dataset.preview(settled(chosen, source), source)

    @here
    def windows(self, config: ExperimentConfig | str | Path) -> WindowSet:
        """
        The labelled, split and audited windows of a config, as a network would see them.

        Raises
        ------
        InputError
            As `preview`; also if a split would be empty or would leak.
        """
        from core.labelling import dataset
        from core.runs.pipeline import settled

        chosen = self._config(config)
        source = self.source(chosen)
        return dataset.build(settled(chosen, source), source)

    @here
    def train(self, config: ExperimentConfig | str | Path) -> Run:
        """
        Take a config through labelling, training and evaluation; what was trained before on the same data is returned.

        Raises
        ------
        InputError
            As `windows`; also if another process is making this run.
        """
        from core.runs import pipeline
        from core.runs.runs import RunStore
        from core.runs.sources import open_source

        chosen = self._config(config)
        source = open_source(chosen, self.folder, self.progress)
        return pipeline.run(chosen, source, RunStore(self.folder), self.progress)

    @here
    def assess(self, run: Run | str) -> Judged:
        """
        Judge a run anew, keep the tables, and give the verdict.

        Parameters
        ----------
        run : Run or str
            A run of this lab, its id, or the beginning of its id.

        Raises
        ------
        InputError
            If there is no such run, or its source has lost a station.
        """
        from core.judgement import assessment
        from core.lab.judged import Judged
        from core.runs.sources import open_source

        chosen = self.runs[run]
        source = open_source(chosen.config, self.folder, self.progress)
        return Judged(chosen, assessment.assess(chosen, source, self.folder, self.progress), self.folder)

    @here
    def ensure_assessed(self, run: Run | str) -> list[str]:
        """Judge a run that was not judged yet; a sentence if that cannot be done, and the run stands all the same."""
        from core.judgement import assessment
        from core.runs.sources import open_source

        chosen = self.runs[run]
        source = open_source(chosen.config, self.folder, self.progress)
        return assessment.ensure(chosen, source, self.folder, self.progress)

    @here
    def verdict(self, run: Run | str) -> Judged:
        """The verdict of a run that was assessed, as the runs tried since then leave it; InputError if it was not."""
        from core.judgement import assessment
        from core.lab.judged import Judged

        chosen = self.runs[run]
        stored = assessment.open(self.folder, chosen.run_id)
        if stored is None:
            verb, method = f"precursor assess {chosen.run_id}", f"lab.assess({chosen.run_id!r})"
            raise InputError(
                f"Run {chosen.run_id} was not assessed yet. Do it with `{verb}`, in Python with `{method}`."
            )
        return Judged(chosen, stored, self.folder)

    @property
    def runs(self) -> Runs:
        """The finished runs, newest first; those that a study made can be opened, and are not listed."""
        from core.lab.listed import Runs
        from core.runs.runs import RunStore

        return Runs(RunStore(self.folder))

    # Ahead, and out

    @here
    def scan(
        self, run: Run | str, station: str = "", start: Time = "", end: Time = "", step_minutes: int = 60
    ) -> pd.DataFrame:
        """
        Slide a run over a continuous record, and keep the probabilities for the Forecasts page.

        Parameters
        ----------
        run : Run or str
            A run of this lab, its id, or the beginning of its id.
        station : str
            Default: every station of the run.
        start, end : time
            Half-open; default: the whole record.
        step_minutes : int
            From one window's start to the next.

        Returns
        -------
        DataFrame
            station, start, end, probability (NaN where rejected), rejected ("" or the reason).

        Raises
        ------
        InputError
            If there is no such run, or no minute data there.
        """
        import pandas as pd

        from core import clock
        from core.forecasting import scan
        from core.runs.sources import open_source

        chosen = self.runs[run]
        source = open_source(chosen.config, self.folder, self.progress)
        codes = [station.upper()] if station else list(chosen.config.data.stations)
        for code in codes:
            if code not in source.stations():
                raise InputError(f"There are no minute data of {code!r} here. Stored: {', '.join(source.stations())}.")
        period = clock.given(start, "start"), clock.given(end, "end")
        parts = []
        for code in codes:
            series = scan.scan(chosen, source, code, *period, step_minutes, self.progress)
            scan.save(series, self.folder, chosen.run_id, code)
            parts.append(series.assign(station=code))
        return pd.concat(parts, ignore_index=True)[["station", *scan.COLUMNS]]

    @here
    def site(self, out: str | Path, runs: Sequence[str] = (), every: bool = False) -> list[Path]:
        """
        Write the static report site, and give its pages, the overview first; see `core.reporting.site.write`.

        Raises
        ------
        InputError
            If a named run is not there, or the folder cannot be written.
        """
        from core.reporting import site

        self.progress.stage("Writing the site")
        return site.write(self.folder, Path(out).expanduser(), runs, every)

    def _config(self, config: ExperimentConfig | str | Path) -> ExperimentConfig:
        return self.load_config(config) if isinstance(config, str | Path) else config
