"""
What pyproject.toml cannot say: a wheel holds files of two folders that are no packages.

`data/` (stations, experiments, mappings, shapes) becomes `core/shipped_files`, where `core/shipped.py` looks for them;
the options of the pages, `.streamlit/config.toml`, lie beside Home.py. In git and in an editable install nothing moves.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = ("README.md", "stations.toml", "experiments/*.toml", "experiments/sweeps/*.toml", "mappings/*.toml",
           "geo/README.md", "geo/*.geojson", "calibration/*.json")  # fmt: skip


class BuildWithFiles(build_py):
    """The packages and these files, and nothing that an earlier build left."""

    def run(self):
        """Copy everything into the build folder; for an editable install there is nothing to copy."""
        if not self.editable_mode:
            shutil.rmtree(self.build_lib, ignore_errors=True)  # modules that were since moved would get into the wheel
        super().run()
        if not self.editable_mode:
            self._copy(Path("data"), SHIPPED, Path(self.build_lib, "core", "shipped_files"))
            self._copy(Path(".streamlit"), ["config.toml"], Path(self.build_lib, "dashboard", ".streamlit"))

    def _copy(self, folder, patterns, target):
        for pattern in patterns:
            for path in sorted(folder.glob(pattern)):
                place = target / path.relative_to(folder)
                place.parent.mkdir(parents=True, exist_ok=True)
                self.copy_file(str(path), str(place))


setup(cmdclass={"build_py": BuildWithFiles})
