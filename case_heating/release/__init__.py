"""From a trained candidate to the champion that serves: what is kept, who may replace whom, and the way back."""
