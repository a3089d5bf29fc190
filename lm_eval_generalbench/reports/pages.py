"""Pages and tables of a report: `--html`, `--markdown` and `--latex`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lm_eval_generalbench.reports import outputs
from lm_eval_generalbench.runs.records import Run


@dataclass(frozen=True)
class Pages:
    """What to write, and the folders whose media the page may show."""

    html: str | None = None
    markdown: str | None = None
    latex: str | None = None
    media: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.html or self.markdown or self.latex)


def write(
    wanted: Pages,
    runs: Sequence[Run],
    models: Sequence[dict[str, Any]],
    comparison: Mapping[str, Any] | None = None,
) -> None:
    """Write the files that are wanted.

    Args:
        wanted: Files to write.
        runs: What is known of each model; the sample logs beside its results are shown.
        models: The same models in schema generalbench.levels/1, in the same order.
        comparison: What `comparison.to_json` gave, if models were compared.

    Raises:
        GeneralBenchError: A file cannot be written.
    """
    from lm_eval_generalbench.reports import excerpts, tables
    from lm_eval_generalbench.reports import html as html_report

    if wanted.html:
        samples = [
            excerpts.samples_for_report(excerpts.logs_of(r), roots=wanted.media) for r in runs
        ]
        html_report.write_html(wanted.html, models, samples, comparison)
    texts: tuple[tuple[str | None, Callable[[Sequence[dict[str, Any]]], str]], ...] = (
        (wanted.markdown, tables.markdown),
        (wanted.latex, tables.latex),
    )
    for target, render in texts:
        if target is not None:
            outputs.save(target, render(models))
