"""What people read on a terminal or in a log, as ``rich`` texts.

Print each with ``Console.print(text, soft_wrap=True)``: the lines must not be wrapped or cropped to the width of a
terminal, let alone to the 80 columns that rich assumes for a pipe.
"""
