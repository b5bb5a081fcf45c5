/** The only address that the watch page is served on. */
export const loopback = "127.0.0.1";

/**
 * Why a request is refused; undefined for one to be answered. Other sites must not read the page: neither from
 * their own pages (`Origin`, `Sec-Fetch-Site`), nor through a name of theirs that resolves to loopback (`Host`).
 */
export function refusalOf(request: Headers, port: number): string | undefined {
  const hosts = [loopback, "localhost", "[::1]"].map((name) => `${name}:${port}`);
  if (port === 80) hosts.push(loopback, "localhost", "[::1]");
  const host = request.get("host")?.toLowerCase() ?? "";
  if (!hosts.includes(host)) return "This address is answered only under its own name.";
  const origin = request.get("origin");
  if (origin !== null && !hosts.some((name) => origin.toLowerCase() === `http://${name}`))
    return "Pages of other origins are not answered.";
  const site = request.get("sec-fetch-site");
  const isNavigation = request.get("sec-fetch-mode") === "navigate";
  if (site !== null && site !== "same-origin" && site !== "none" && !isNavigation)
    return "Pages of other origins are not answered.";
  return undefined;
}
