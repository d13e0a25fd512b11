"""Figures of places: stations and earthquakes on a map."""
