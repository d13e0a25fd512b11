// Draws every figure of the page, in the colours of the reader's light or dark mode.
(function () {
  "use strict";
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var touch = window.matchMedia("(pointer: coarse)").matches;

  function triple(hex) {
    return [1, 3, 5].map(function (i) { return parseInt(hex.slice(i, i + 2), 16); }).join(",");
  }

  // Figures come in light colours; each has a dark form, also where it is see-through.
  function coloured(text) {
    if (!dark.matches) return text;
    var palette = JSON.parse(document.getElementById("palette").textContent);
    var triples = {};
    Object.keys(palette).forEach(function (light) { triples[triple(light)] = triple(palette[light]); });
    return text
      .replace(/#[0-9a-f]{6}/g, function (hex) { return palette[hex] || hex; })
      .replace(/rgba\((\d+,\d+,\d+),/g, function (all, rgb) { return "rgba(" + (triples[rgb] || rgb) + ","; });
  }

  function draw(script) {
    var figure = JSON.parse(coloured(script.textContent));
    var style = getComputedStyle(document.body);
    figure.layout.font = Object.assign({}, figure.layout.font, { color: style.color, family: style.fontFamily });
    figure.layout.paper_bgcolor = style.backgroundColor;
    figure.layout.hoverlabel = Object.assign({}, figure.layout.hoverlabel, {
      bgcolor: style.backgroundColor,
      bordercolor: style.color,
      font: { color: style.color, family: style.fontFamily },
    });
    if (touch) figure.layout.dragmode = false; // a finger scrolls the page
    return window.Plotly.react(script.dataset.plot, figure.data, figure.layout, {
      displaylogo: false,
      displayModeBar: touch ? false : "hover",
      responsive: true,
      modeBarButtonsToRemove: ["lasso2d", "select2d"],
      toImageButtonOptions: { scale: 2, filename: script.dataset.plot },
    });
  }

  function drawAll() {
    document.querySelectorAll("script[data-plot]").forEach(draw);
  }

  // What was drawn while folded away had no width.
  document.addEventListener("toggle", function (event) {
    event.target.querySelectorAll("script[data-plot]").forEach(draw);
  }, true);

  document.addEventListener("DOMContentLoaded", drawAll);
  dark.addEventListener("change", drawAll);
})();
