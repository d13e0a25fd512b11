"""What several tests share: fake servers, damaged files, small runs and folders."""
