"""The parts that simulated samples are made of; `samples.simulating` puts them together."""
