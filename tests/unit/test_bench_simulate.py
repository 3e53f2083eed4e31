"""The simulation of cores: what must hold whatever the measured times are."""

from __future__ import annotations

import pytest

from bench.simulate import Service, simulate


def service(**changed: float) -> Service:
    return Service(**{"read": [0.01, 0.03], "main": 0.0, "scheduler": 0.0, "tidy": 0.0, "built": 0.0, **changed})


def test_one_core_takes_the_sum_and_free_stations_cost_nothing():
    found = simulate(service(), 1, documents=100)
    assert found.all_seconds == pytest.approx(50 * 0.01 + 50 * 0.03)


def test_cores_share_the_reading_evenly():
    assert simulate(service(), 10, documents=1000).read_seconds == pytest.approx(20 / 10, rel=0.02)


def test_a_station_of_one_thread_bounds_any_number_of_cores():
    found = simulate(service(scheduler=0.005), 64, documents=1000)
    assert found.read_seconds == pytest.approx(5.0, rel=0.02)
    assert found.scheduler_busy == pytest.approx(1.0, rel=0.02)
    assert simulate(service(main=0.005), 64, documents=1000).read_seconds >= 5.0


def test_building_comes_after_reading_whatever_the_cores():
    few, many = (simulate(service(built=0.004), cores, documents=1000) for cores in (1, 64))
    assert few.all_seconds - few.read_seconds == pytest.approx(many.all_seconds - many.read_seconds)
