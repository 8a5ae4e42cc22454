"""A visitor without a browser: speaks with a server as the app in a browser does, and keeps all that it says."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.DownloadButton_pb2 import DownloadButton
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.VegaLiteChart_pb2 import VegaLiteChart
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from scripts.running_app import PAGES

MOST_BYTES = 2**28
PATIENCE_SECONDS = 3600  # twenty visitors wait for one another, on a busy machine long
DOWNLOADS = ("csv", "json", "html", "canary_export", "card")  # in keys: files whose texts are not compressed


@dataclass(slots=True, kw_only=True)
class WireVisitor:
    """One session; `received` holds every frame and file as it came, `elements` what the last page drew."""

    http: httpx2.Client
    socket: ClientConnection
    session_id: str = ""
    received: list[bytes] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    query: str = ""

    def open(self, name: str, query: str | None = None) -> list[Element]:
        """Go to a page and wait until it is drawn."""
        self.query = self.query if query is None else query
        return self._run(name, [])

    def press(self, name: str, key: str) -> list[Element]:
        """Press a button of the page that is shown."""
        return self._run(name, [WidgetState(id=self._id(key), trigger_value=True)])

    def upload(self, name: str, files: Mapping[str, tuple[str, bytes]], *, then_press: str = "") -> list[Element]:
        """Give files to the uploaders with these keys, and press the button of their form."""
        states = [self._uploaded(key, *file) for key, file in files.items()]
        states += [WidgetState(id=self._id(then_press), trigger_value=True)] if then_press else []
        return self._run(name, states)

    def fetch(self) -> None:
        """Take every picture and file that the page offers."""
        for element in self.elements:
            if element.HasField("download_button") and any(part in element.download_button.id for part in DOWNLOADS):
                self._download(element.download_button)
            if element.HasField("imgs"):
                for each in element.imgs.imgs:
                    self._keep(self.http.get(each.url))

    def _run(self, name: str, states: list[WidgetState]) -> list[Element]:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name = self.query, PAGES[name].strip("/")
        state.widget_states.widgets.extend(states)
        self.socket.send(message.SerializeToString())
        drawn: dict[tuple[int, ...], Element] = {}
        while True:
            heard = self._hear()
            if heard.HasField("new_session"):
                drawn.clear()
                self.session_id = heard.new_session.initialize.session_id
            if heard.HasField("delta") and heard.delta.HasField("new_element"):
                drawn[tuple(heard.metadata.delta_path)] = heard.delta.new_element
            if heard.HasField("page_info_changed"):
                self.query = heard.page_info_changed.query_string
            if heard.HasField("script_finished") and heard.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                self.elements = list(drawn.values())
                return self.elements

    def _hear(self) -> ForwardMsg:
        frame = self.socket.recv(timeout=PATIENCE_SECONDS)
        assert isinstance(frame, bytes)
        self.received.append(frame)
        return ForwardMsg.FromString(frame)

    def _id(self, key: str) -> str:
        """Id of the widget with this key on the page that is shown."""
        ids = [getattr(element, element.WhichOneof("type")).id for element in self.elements if _has_id(element)]
        return next(each for each in ids if each.endswith(f"-{key}"))

    def _uploaded(self, key: str, name: str, content: bytes) -> WidgetState:
        message = BackMsg()
        message.file_urls_request.request_id = key
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self.session_id
        self.socket.send(message.SerializeToString())
        heard = self._hear()
        while not heard.HasField("file_urls_response"):
            heard = self._hear()
        [urls] = heard.file_urls_response.file_urls
        token = self.http.cookies["_streamlit_xsrf"]
        answer = self.http.put(urls.upload_url, files={name: (name, content)}, headers={"X-Xsrftoken": token})
        answer.raise_for_status()
        state = WidgetState(id=self._id(key))
        info = state.file_uploader_state_value.uploaded_file_info.add(
            name=name, size=len(content), file_id=urls.file_id
        )
        info.file_urls.CopyFrom(urls)
        return state

    def _made(self, file_id: str) -> str:
        """Have the server make a file that it makes only when it is asked for."""
        message = BackMsg()
        request = message.backend_operation_request
        request.request_id, request.session_id, request.deferred_file.file_id = file_id, self.session_id, file_id
        self.socket.send(message.SerializeToString())
        heard = self._hear()
        while not heard.HasField("backend_operation_response"):
            heard = self._hear()
        return heard.backend_operation_response.deferred_file.url

    def _download(self, button: DownloadButton) -> None:
        """Take a file; Streamlit drops one that is not fetched before two other pages have run, so press again."""
        answer = self.http.get(button.url or self._made(button.deferred_file_id))
        while answer.status_code == httpx2.codes.NOT_FOUND and button.deferred_file_id:
            answer = self.http.get(self._made(button.deferred_file_id))
        self._keep(answer)

    def _keep(self, answer: httpx2.Response) -> None:
        answer.raise_for_status()
        self.received.append(answer.content)


@contextmanager
def wire_visitor(address: str) -> Iterator[WireVisitor]:
    """Connect as a browser at this address would."""
    once = httpx2.Limits(max_keepalive_connections=0)  # what is kept open the server closes after some idle seconds
    headers = {"Origin": address}
    with httpx2.Client(base_url=address, headers=headers, timeout=PATIENCE_SECONDS, limits=once) as http:
        http.get("/_stcore/health").raise_for_status()
        token = http.cookies["_streamlit_xsrf"]
        with connect(
            f"ws://{urlsplit(address).netloc}/_stcore/stream",
            origin=Origin(address),
            subprotocols=[Subprotocol("streamlit"), Subprotocol(token)],
            additional_headers={"Cookie": f"_streamlit_xsrf={token}"},
            max_size=MOST_BYTES,
            open_timeout=PATIENCE_SECONDS,
            ping_interval=None,
        ) as socket:
            yield WireVisitor(http=http, socket=socket)


def charts_of(elements: list[Element]) -> list[VegaLiteChart]:
    """The charts among the elements of a page."""
    return [element.vega_lite_chart for element in elements if element.HasField("vega_lite_chart")]


def is_blank(chart: VegaLiteChart) -> bool:
    """Whether a chart names data that it does not hold, or holds none at all."""
    spec = json.loads(chart.spec)
    held = {each.name for each in chart.datasets if each.data.data} | set(spec.get("datasets", {}))
    named = set(_named(spec))
    return not named <= held or not (held or chart.data.data)


def _named(part: Any) -> Iterator[str]:
    """Names of all data sets that a specification asks for."""
    if isinstance(part, dict):
        data = part.get("data")
        if isinstance(data, dict) and "name" in data and "values" not in data:
            yield data["name"]
        for each in part.values():
            yield from _named(each)
    elif isinstance(part, list):
        for each in part:
            yield from _named(each)


def _has_id(element: Element) -> bool:
    kind = element.WhichOneof("type")
    return kind is not None and hasattr(getattr(element, kind), "id")
