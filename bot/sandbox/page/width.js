// How much room there is; the same two limits stand in layout.css.

// One pane at a time.
export const narrow = () => innerWidth <= 760;
// Room for a thread beside its channel.
export const wide = () => innerWidth > 1100;
