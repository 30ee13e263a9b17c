"""Asks a server why it gives no stream: FFmpeg inside OpenCV knows, but does not say."""

import hashlib
import re
import socket
import ssl
from base64 import b64encode
from http.client import HTTPException, parse_headers
from typing import BinaryIO
from urllib.request import parse_http_list, parse_keqv_list

from devices.streams.address import Address

KNOCK_S = 1.0
UNAUTHORIZED = 401
LINE_BYTES = 4096
_STATUS = re.compile(rb"(?:RTSP|HTTP)/\d\.\d (\d{3})")
_SAID = {
    401: "refuses username and password: set them as the camera has them",
    403: "refuses this user: give it the right to watch, or set another username",
    404: "has no such stream: set the path in source as the camera's manual has it",
    503: "has no stream now: look whether it shows a picture, and whether others watch it",
}


def why_not(address: Address) -> str:
    """What is wrong there, as a clause that begins with a verb and says what to do."""
    try:
        status, challenges = _asked(address, "")
        if status == UNAUTHORIZED and not address.username:
            return "asks for a user: set username and password_file"
        if status == UNAUTHORIZED:
            status, _ = _asked(address, _answer(address, challenges))
    except ConnectionRefusedError:
        return "is not served: nothing listens there; look at the port and at the camera"
    except socket.gaierror:
        return "is not known: no machine has that name; look at source"
    except TimeoutError:
        return f"does not answer within {KNOCK_S:g} s: look at the network and at the camera"
    except (OSError, HTTPException, ValueError):
        return "does not speak as it should: look at scheme and port of source"
    if status < 400:
        return "answers, but with nothing that can be played: look at source"
    return _SAID.get(status, f"answers with status {status}: look at the camera")


def _asked(address: Address, authorization: str) -> tuple[int, list[str]]:
    """Status of the answer, and what it wants for an authorization."""
    with socket.create_connection((address.host, address.port), KNOCK_S) as line:
        line.settimeout(KNOCK_S)
        channel = _over_tls(line, address.host) if address.secure else line
        with channel, channel.makefile("rb") as answer:
            channel.sendall(_request(address, authorization).encode())
            return _read(answer)


def _over_tls(line: socket.socket, host: str) -> socket.socket:
    """Cameras sign for themselves, so nobody's signature is asked for, as FFmpeg does not."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(line, server_hostname=host)


def _request(address: Address, authorization: str) -> str:
    first = f"GET {address.target} HTTP/1.0\r\nHost: {address.host}"
    if address.scheme.startswith("rtsp"):
        first = f"DESCRIBE {address.plain} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp"
    return f"{first}\r\n{authorization}\r\n"


def _read(answer: BinaryIO) -> tuple[int, list[str]]:
    status = _STATUS.match(answer.readline(LINE_BYTES))
    if status is None:
        raise ValueError("neither RTSP nor HTTP")
    headers = parse_headers(answer)
    return int(status[1]), headers.get_all("WWW-Authenticate", [])


def _answer(address: Address, challenges: list[str]) -> str:
    """The header that answers a challenge: digest (RFC 2617) where it is offered, else basic."""
    for challenge in challenges:
        kind, _, rest = challenge.partition(" ")
        if kind.lower() == "digest":
            return _digest(address, parse_keqv_list(parse_http_list(rest)))
    pair = b64encode(f"{address.username}:{address.password}".encode()).decode()
    return f"Authorization: Basic {pair}\r\n"


def _digest(address: Address, asked: dict[str, str]) -> str:
    rtsp = address.scheme.startswith("rtsp")
    method, uri = ("DESCRIBE", address.plain) if rtsp else ("GET", address.target)
    realm, nonce = asked.get("realm", ""), asked.get("nonce", "")
    quality = "00000001:00000001:auth:" if "qop" in asked else ""
    whose = _md5(f"{address.username}:{realm}:{address.password}")
    response = _md5(f"{whose}:{nonce}:{quality}{_md5(f'{method}:{uri}')}")
    fields = {"username": address.username, "realm": realm, "nonce": nonce, "uri": uri}
    told = "".join(f'{name}="{value}", ' for name, value in fields.items())
    extra = ', qop=auth, nc=00000001, cnonce="00000001"' if quality else ""
    opaque = f', opaque="{asked["opaque"]}"' if "opaque" in asked else ""
    return f'Authorization: Digest {told}response="{response}"{extra}{opaque}\r\n'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
