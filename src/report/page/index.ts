/**
 * The HTML page of a report: its sections and tables, colours, style, scripts and links.
 * Uses figures; nothing here knows runs or landscapes.
 *
 * @module
 */
