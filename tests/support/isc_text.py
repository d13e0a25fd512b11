"""Lines of the bulletin of the ISC."""

from __future__ import annotations

HEAD = "   Date       Time        Err   RMS Latitude Longitude  Smaj  Smin  Az Depth   Err Ndef Nsta Gap  mdist  Mdist Qual   Author      OrigID"  # noqa: E501
