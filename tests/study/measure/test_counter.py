"""The counter against trees of files as Linux makes them."""

import os

import pytest

from spiking.core.errors import SpikingError
from spiking.study.measure import Rapl

SPAN = 262_143_328_850  # microjoules, as Intel's desktop processors have it


def zone(folder, name, energy, span=SPAN):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "name").write_text(f"{name}\n")
    (folder / "energy_uj").write_text(f"{energy}\n")
    (folder / "max_energy_range_uj").write_text(f"{span}\n")
    return folder / "energy_uj"


@pytest.fixture
def tree(tmp_path):
    """Two packages with cores, memory and a platform; inner zones are listed in the root again."""
    root = tmp_path / "powercap"
    files = {}
    for p in (0, 1):
        outer = root / f"intel-rapl:{p}"
        files[f"package-{p}"] = zone(outer, f"package-{p}", 1000)
        for k, name in enumerate(("core", "uncore", "dram")):
            files[f"{name}-{p}"] = zone(outer / f"intel-rapl:{p}:{k}", name, 500)
            os.symlink(outer / f"intel-rapl:{p}:{k}", root / f"intel-rapl:{p}:{k}")
    files["psys"] = zone(root / "intel-rapl:2", "psys", 5000)
    files["mmio"] = zone(root / "intel-rapl-mmio:0", "package-0", 1000)
    (root / "intel-rapl").mkdir()  # the control itself, without a zone
    return root, files


def test_packages_and_their_memory_are_counted_once(tree):
    root, files = tree
    counter = Rapl(root)
    assert counter.joules() == 0
    for name, more in {"package-0": 2e6, "package-1": 3e6, "dram-0": 5e5, "dram-1": 25e4}.items():
        files[name].write_text(str(int(files[name].read_text()) + int(more)))
    for name in ("core-0", "uncore-0", "core-1", "uncore-1", "psys", "mmio"):  # parts, or the same again
        files[name].write_text(str(10**9))
    assert counter.joules() == pytest.approx(5.75, rel=1e-12)
    assert counter.words == "RAPL zones package-0, dram, package-1, dram"


def test_a_counter_that_starts_again_goes_on(tree):
    root, files = tree
    files["package-0"].write_text(str(SPAN - 1_000_000))
    counter = Rapl(root)
    files["package-0"].write_text("2000000")
    assert counter.joules() == pytest.approx(3.0, rel=1e-12)
    files["package-0"].write_text("3000000")
    assert counter.joules() == pytest.approx(4.0, rel=1e-12)
    files["package-0"].write_text("1000000")  # round again
    assert counter.joules() == pytest.approx(4.0 + (SPAN - 2_000_000) * 1e-6, rel=1e-12)


def test_a_machine_without_packages_says_so(tmp_path):
    with pytest.raises(SpikingError, match=r"no energy counter here .* cannot be read: No such file"):
        Rapl(tmp_path / "nothing")
    zone(tmp_path / "intel-rapl:0", "psys", 1)
    with pytest.raises(SpikingError, match=r"holds no zone of a processor package.*not in a virtual machine"):
        Rapl(tmp_path)


def test_a_counter_without_permission_says_how_to_get_it(tree, monkeypatch):
    root, _ = tree
    real = type(root).read_text

    def refused(path, *args, **kwargs):
        if path.name == "energy_uj":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args, **kwargs)

    monkeypatch.setattr(type(root), "read_text", refused)  # the administrator may read everything
    with pytest.raises(SpikingError, match=r"may not be read; .* run as root, or give the right to read it"):
        Rapl(root)


@pytest.mark.parametrize("text", ["", "many", "-5", "1.5", "٣"])
def test_what_is_no_count_is_refused(tree, text):
    root, files = tree
    files["package-1"].write_text(text, encoding="utf-8")
    with pytest.raises(SpikingError, match="a counter holds a whole number of microjoules"):
        Rapl(root)


def test_a_zone_without_its_files_is_refused(tree):
    root, files = tree
    files["dram-0"].unlink()
    with pytest.raises(SpikingError, match="energy_uj cannot be read: No such file"):
        Rapl(root)
