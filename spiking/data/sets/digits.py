"""The 8x8 digits that come with scikit-learn (Alpaydin & Kaynak's optical digits, UCI 1998)."""

from __future__ import annotations

from pathlib import Path

from spiking.data.dataset import Dataset
from spiking.data.sets import DATA_SETS
from spiking.data.source import Source

LICENCE = "CC BY 4.0 (UCI Machine Learning Repository)"


def read(root: Path | None, *, seed: int, download: bool) -> Dataset:
    """Return the 1797 digits, split 80/20, stratified, by ``seed``."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(
        x / 16.0, y, test_size=0.2, stratify=y, random_state=seed
    )
    return Dataset(
        x_train=x_train,
        y_train=y_train,
        x_test=x_test,
        y_test=y_test,
        name="digits",
        classes=10,
        image_shape=(8, 8),
        origin=f"scikit-learn load_digits, 80/20 stratified split, seed {seed}",
        scaling="divided by 16",
        licence=LICENCE,
    )


DATA_SETS.register("digits")(
    Source(
        read=read,
        summary="1 797 grey images of digits, 8x8, shipped with scikit-learn",
        licence=LICENCE,
        checksum="6f99b98689cdb033cc6b82a66b11684c2a29e11375ebe064bd33a6c0ac9336ca",
    )
)
