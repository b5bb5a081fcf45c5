/** From the floor of a valley to its rim: lightness rises evenly, so that it is read with every kind of sight. */
export const heightColours = ["#14284b", "#1f4e79", "#3a7d94", "#6fa79b", "#b3c49c", "#efe2bb"];
