"""Checks of streams, their groups and consumers: is what is written read, and is it written at all?"""
