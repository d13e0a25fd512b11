"""QuakeML, made of its parts."""

from __future__ import annotations


def origin(name, time="2024-01-01T07:10:09.476Z", depth="10000", agency="INGV"):
    depth = f"<depth><value>{depth}</value></depth>" if depth else ""
    return f"""<origin publicID="{name}"><time><value>{time}</value></time>
      <latitude><value>42.5</value></latitude><longitude><value>13.25</value></longitude>{depth}
      <creationInfo><agencyID>{agency}</agencyID><creationTime>2024-01-02T00:00:00</creationTime></creationInfo></origin>"""


def magnitude(name, value, kind):
    return f"""<magnitude publicID="{name}"><mag><value>{value}</value></mag><type>{kind}</type></magnitude>"""


def event(*parts, name="smi:webservices.ingv.it/fdsnws/event/1/query?eventId=33778101", kind="earthquake"):
    return f'<event publicID="{name}"><type>{kind}</type>{"".join(parts)}</event>'


def document(*events, bed="http://quakeml.org/xmlns/bed/1.2", root="http://quakeml.org/xmlns/quakeml/1.2"):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<q:quakeml xmlns:q="{root}" xmlns="{bed}">'
        f'<eventParameters publicID="smi:x/y">{"".join(events)}</eventParameters></q:quakeml>\n'
    )
