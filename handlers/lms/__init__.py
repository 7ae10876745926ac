"""LMS: courses, steps, materials, exams, reviews, requirement tables, progress."""
