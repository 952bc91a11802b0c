"""Chat: what comes over the socket. Accept first, acknowledge, then wake whoever answers."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain import client_frames, protocol
from chalicelib.domain.client_frames import Approve, Cancel, ClientFrame, Ping, Resume, Send, StatusRequest
from chalicelib.domain.inbox import Catchup, Draft, entry_of
from chalicelib.domain.stream import replay
from chalicelib.errors import NotFound, ServiceError
from chalicelib.pages import Pages
from chalicelib.ports import Clock
from chalicelib.services.history import History
from chalicelib.services.intake import Intake
from chalicelib.services.uploads import Uploads
from chalicelib.tables.connections import Connection
from chalicelib.tables.rows import Rows


@dataclass(frozen=True)
class Chat:
    rows: Rows
    history: History
    intake: Intake
    pages: Pages
    uploads: Uploads
    clock: Clock

    def connect(self, connection_id: str, ticket: str, origin: str) -> None:
        """Raises NotAllowed. Pushes nothing: the socket exists only after this has returned."""
        identity = self.rows.connections.redeem(ticket, origin, self.clock())
        self.rows.connections.open(connection_id, identity, origin, self.clock())

    def disconnect(self, connection_id: str) -> None:
        if user_id := self.rows.connections.owner(connection_id, self.clock()):
            self.rows.connections.forget(Connection(connection_id, user_id))

    def receive(self, connection_id: str, body: str) -> None:
        """One frame of a client. A socket whose identity has ended is closed: the page opens another, with a ticket."""
        user_id = self.rows.connections.owner(connection_id, self.clock())
        if user_id is None:
            self.pages.close(connection_id)
            return
        connection = Connection(connection_id, user_id)
        frame: ClientFrame | None = None
        try:
            frame = client_frames.parse(body)
            self._handle(connection, frame)
        except ServiceError as error:
            refused = frame.id if isinstance(frame, Send | Approve) else client_frames.peek_id(body)
            self.pages.reply(connection, protocol.refusal(error, id=refused))

    def _handle(self, connection: Connection, frame: ClientFrame) -> None:
        match frame:
            case Send():
                self._send(connection, frame)
            case Cancel(turn):
                self._cancel(connection, turn)
            case Approve():
                self._approve(connection, frame)
            case Resume():
                self._resume(connection, frame)
            case StatusRequest():
                self._status(connection)
            case Ping():  # pragma: no branch  the last kind there is
                self.pages.reply(connection, protocol.pong())
                self._status(connection)  # whatever was lost on its way here, the page is right again now

    def _send(self, connection: Connection, frame: Send) -> None:
        draft = Draft(
            user_id=connection.user_id,
            key=frame.id,
            conversation_id=frame.conversation_id,
            text=frame.text,
            runtime=frame.runtime,
            replaces=frame.replaces,
            files=self.uploads.find(connection.user_id, frame.attachments),
        )
        accepted = self.intake.accept(draft, frame.id)
        self.pages.reply(connection, protocol.ack(accepted.id, accepted.conversation_id, accepted.seq))
        self.intake.rouse(connection.user_id, accepted.seen)
        if message := accepted.message:
            self.pages.send(connection.user_id, protocol.message(entry_of(message)), but=connection.id)

    def _cancel(self, connection: Connection, turn: str) -> None:
        if self.rows.inbox.cancel(connection.user_id, turn):
            self.intake.rouse(connection.user_id)

    def _approve(self, connection: Connection, frame: Approve) -> None:
        if self.rows.approvals.decide(connection.user_id, frame.id, frame.decision) is None:
            raise NotFound("the agent does not wait for this decision any more")
        self.intake.rouse(connection.user_id)

    def _resume(self, connection: Connection, frame: Resume) -> None:
        """Committed entries after the last one the client holds; the bridge adds the answer that runs."""
        for entry in self.history.since(connection.user_id, frame.conversation_id, frame.after):
            for piece in replay(entry):
                self.pages.reply(connection, piece)
        agent = self.rows.agents.get(connection.user_id)
        if agent.pending:
            self.rows.inbox.ask(Catchup(connection.user_id, connection.id, frame.conversation_id), self.clock())
            self.intake.rouse(connection.user_id)
        self._status(connection)

    def _status(self, connection: Connection) -> None:
        agent = self.intake.wake.shown(self.rows.agents.get(connection.user_id))
        self.pages.reply(connection, protocol.status(agent, self.rows.starts.estimate(connection.user_id)))
