/**
 * The sections of a report: what is said and drawn of a dataset, a run, a landscape or an
 * experiment.
 * Uses figures; the HTML is made in page/.
 *
 * @module
 */
