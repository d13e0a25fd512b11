"""
Is the clock right? A catalogue that is late turns the shaking after an earthquake into a precursor.

`onset` asks the record itself, `second_catalogue` another agency.
"""
