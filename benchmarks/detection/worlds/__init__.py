"""Made worlds: services, crowds, outages and nuisances whose truth is known to the minute."""
