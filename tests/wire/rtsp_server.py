"""An RTSP server; the system's own Python runs it, for that is the one that has GStreamer.

Words: the port, how to make the stream, and, where it asks for them, "basic" or "digest", a user
and a password. It writes a line when it listens, and serves /live until it is killed.
"""

import sys

import gi  # type: ignore[import-not-found]

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # type: ignore[import-not-found] # noqa: E402

METHODS = {"basic": GstRtsp.RTSPAuthMethod.BASIC, "digest": GstRtsp.RTSPAuthMethod.DIGEST}


def lock(server: GstRtspServer.RTSPServer, stream: GstRtspServer.RTSPMediaFactory) -> None:
    """Only this user may see and watch it."""
    method, user, password = sys.argv[3:]
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(METHODS[method])
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "user")
    if method == "digest":
        auth.add_digest(user, password, token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    for right in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role("user", right, True)
    stream.set_permissions(permissions)


def main() -> None:
    Gst.init(None)
    server, stream = GstRtspServer.RTSPServer(), GstRtspServer.RTSPMediaFactory()
    server.set_address("127.0.0.1")
    server.set_service(sys.argv[1])
    stream.set_launch(sys.argv[2])
    stream.set_shared(True)
    if len(sys.argv) > 3:
        lock(server, stream)
    server.get_mount_points().add_factory("/live", stream)
    server.attach(None)
    print("listens", flush=True)
    GLib.MainLoop().run()


main()
