import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme";
import MermaidPicture from "./mermaid-picture.vue";
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name
import "./colours.css";

const theme: Theme = {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("MermaidPicture", MermaidPicture);
  },
};

export default theme;
