/**
 * What the page does besides drawing charts: contents that follow the reading, tables that can be sorted, printing,
 * and charts that are drawn when they come near the screen.
 * Uses charts and types.
 *
 * @module
 */
