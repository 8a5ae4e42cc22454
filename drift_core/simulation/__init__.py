"""The parts that simulated samples are made of; `simulate` puts them together."""
