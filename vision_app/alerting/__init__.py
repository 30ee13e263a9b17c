"""Alerts of sensors: raised, grown, acknowledged, cleared; kept on disk until all were told."""
