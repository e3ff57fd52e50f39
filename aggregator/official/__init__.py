"""Official: what vendors' own status pages say, polled, kept and compared with the crowd.

`polling` leases pages and asks them; `fetch` does so safely; `statuspage` and `feeds` read the
answers (pure); `keeping` writes them down; `lead` compares them with our Outages (pure).
"""
