/**
 * The page that follows a training: what it reads from the run's folder, and the server that sends
 * it on.
 * Uses figures, sections and page.
 *
 * @module
 */
