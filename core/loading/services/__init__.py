"""
The services of the field, politely: one client each, and every answer is kept as it came.

In: a station or a region, and a period. Out: minutes, events or Kp. `http` alone speaks to the network.
"""
