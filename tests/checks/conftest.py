from __future__ import annotations

import pytest

_RELEASES = ("5.4.0-216", "5.11.0-46", "5.13.0-52", "5.15.0-204", "5.19.0-50", "6.2.0-39", "6.5.0-45")


@pytest.fixture
def all_names() -> list[str]:
    """Names as those of the shared kernels: three architectures, several of one version."""
    same = ["6.1.0-56-amd64", "6.1.0-56-cloud-amd64", "6.1.0-56-rt-amd64", "6.1.0-56-amd64+loop"]
    others = ["6.1.0-50-arm64", "6.12.117+deb12-arm64", "6.12.107+deb13-s390x", "7.2.13+deb14-s390x"]
    return [*(f"{release}-generic-amd64" for release in _RELEASES), *same, *others]
