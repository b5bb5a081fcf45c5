import DefaultTheme from "vitepress/theme";
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name
import "./colours.css";

export default DefaultTheme;
