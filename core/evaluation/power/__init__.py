"""
How large must a change be to be found? Simulated: a change of known size is planted and sent through the gates.

Read `stretch` (what is judged), `planting` (what is hidden in it), `passing` (what finds it again), `simulation`; then
`table` (what is stored of made-up stretches, and read in no time), which `make_table` writes, and `words`.
"""
