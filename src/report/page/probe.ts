/** The controls and the readout of slices. The page's script fills them in. */
export function probeHtml(id: string): string {
  return `<div class="probe" data-probe="${id}" role="group" aria-label="Losses and slopes at one α">
<div class="dials"><label class="dial"><span>α</span><input type="range" class="alpha" aria-label="α" step="1" min="0" max="0" value="0"><output class="alpha-value">–</output></label>
<label class="dial"><span>learning rate η</span><input type="range" class="rate" step="1" min="0" max="200" value="100"><output class="rate-value">–</output></label>
<p class="verdict"></p></div>
<table class="losses"><caption class="hidden">Each curve at this α</caption><thead><tr><th scope="col">curve</th><th scope="col" class="number">loss</th><th scope="col" class="number">slope</th></tr></thead><tbody></tbody></table>
</div>
`;
}
