export type * from "./figure.js";
