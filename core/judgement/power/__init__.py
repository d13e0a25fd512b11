"""What a run could find: before it is trained (`expected`), once it is judged (`kept`), simulated anew (`of_run`)."""
