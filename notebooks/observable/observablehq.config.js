export default {
  title: "vadi",
  root: "src",
  // No fonts from elsewhere: the page is as self-contained as a report.
  globalStylesheets: [],
  search: false,
  pager: false,
};
