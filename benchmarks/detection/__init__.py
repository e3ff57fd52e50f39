"""How well outages are found: made worlds with known truth, peers on the same data, one scoring.

* `worlds` makes services, crowds, outages and nuisances, and writes them as replay reads them;
* `peers` holds published rules, written anew, and the prototype's;
* `ours` runs the production detector;
* `scoring` matches what was detected with the truth, `figures` and `table` sum it up;
* `real` and `nab` score real counts that nobody here made.

Doors: ``python -m benchmarks.detection`` (the tables), ``.frontier`` (the chart), ``.worlds``
(a world on disk), ``.judge`` (what a replay of it is worth), ``.real``.
"""
