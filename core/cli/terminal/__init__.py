"""What a verb says and shows: lines (`console`), bars (`progress`) and tables (`tables`)."""
