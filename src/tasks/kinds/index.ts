/**
 * What a job's tasks do, a file a kind: dividing the job, doing one task, putting the results together.
 * Uses results and the folders where the work is done; each file is loaded by itself.
 *
 * @module
 */
