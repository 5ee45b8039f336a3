// How much room there is; the same two limits stand in layout.css.

// One pane at a time.
export const narrow = () => innerWidth <= 760;
// Room for a thread beside its channel.
const room = matchMedia("(width > 1100px)");
export const wide = () => room.matches;
export const onWide = (tell) => room.addEventListener("change", tell);
