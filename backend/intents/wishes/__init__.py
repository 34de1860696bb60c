"""What can be wished for, an area in each file: the fields of a wish, the calls it becomes, and whom it pays.

Every wish is a class of its own (decision 25): its body names what is meant, never a contract or call data. The calls
of a proposal are the exception: the timelock makes them, after a vote, and no wallet of ours.
"""
