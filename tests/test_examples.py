from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[1] / "examples" / "investigation.ipynb"


def test_the_notebook_runs_and_every_result_shows_itself():
    notebook = nbformat.read(NOTEBOOK, as_version=4)

    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()

    outputs = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    shown = [output["data"] for each in outputs for output in each if "data" in output]
    assert [output["text"] for each in outputs for output in each if output.output_type == "stream"] == []
    assert len(shown) == len(outputs)
    kinds = [
        set(data) & {"text/html", "application/vnd.vegalite.v6+json", "application/vnd.vegalite.v6.json"}
        for data in shown
    ]
    assert all(kinds), [set(data) for data in shown]
    verdict = next(data["text/html"] for data in shown if "Cause: " in data.get("text/html", ""))
    assert "Cause: query drift" in verdict


def test_the_notebook_ships_without_results():
    notebook = nbformat.read(NOTEBOOK, as_version=4)

    assert not any(cell.outputs for cell in notebook.cells if cell.cell_type == "code")
