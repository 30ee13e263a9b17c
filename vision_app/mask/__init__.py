"""`vision-app mask`: pictures and videos in, the same with every face covered out."""
