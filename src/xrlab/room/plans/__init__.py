"""Floor plans (DXF, SVG) and building models (IFC): what they draw becomes a layout or a Room."""
