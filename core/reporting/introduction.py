"""What this is, its method and limits, the paper, and whose data are used: the texts that pages and site share."""

STANDING_LINE = "A research record, not an alert service."
ADVICE = "Nothing here predicts an earthquake. For warnings ask your national seismological service."

QUESTION = (
    "Laboratory experiments and theories say that rock under stress can make weak electric currents, and with them "
    "small changes of the magnetic field. If that happened before earthquakes, an observatory close by might record "
    "it. Many such precursors have been reported; none has held up well enough to be used. This project asks the "
    "question so that the answer can come out either way, and shows its working."
)

LEDGER = (
    "Forecasts are written down with the time at which they were issued. They cannot be edited unnoticed once the last "
    "digest is noted elsewhere; what is kept here alone shows their order, not their time."
)

IN_TIME = "in time, by its own clock"  # of a forecast that says it was issued before its period began

LEDGER_NUMBER = (
    "The number of a forecast is what the network gave, uncorrected: not the probability of an earthquake. Beside it "
    "stands the share of positives among the windows that taught the network; where both classes were drawn alike "
    "that is half, which says nothing of how often earthquakes come. Where windows end with their event "
    "(event_aligned), the network was asked of the moment after the window, and the period is how long its quiet "
    "windows stayed quiet. What earthquakes are meant, and where, stands in the configuration of the run; a row holds"
    " no digest of its weights, code or data."
)

METHOD = (
    (
        "Record",
        "An observatory measures the field once a minute in three components: X (north), Y (east) and Z (down), in "
        "nanotesla (nT).",
    ),
    (
        "Target events",
        "The earthquakes that are near, shallow and strong enough for a station to possibly feel. Every other event "
        "keeps the reason why it is not one.",
    ),
    (
        "Windows",
        "The record is cut into windows of an hour, a day or a week. A window is positive if a target event follows "
        "it and negative if none does. Windows with gaps or a magnetic storm are rejected, and the reason is kept.",
    ),
    (
        "Split",
        "Windows are divided by time into training, validation and test, with a distance between them, so that "
        "nothing that was learned from can be seen again in the test.",
    ),
    (
        "Network",
        "A small convolutional network learns from the training windows to give each window a probability. From a "
        "threshold on, a window counts as an alarm.",
    ),
    (
        "Judgement",
        "On test windows it has never seen, the network is compared with chance. The AUC (area under the ROC curve) "
        "is the probability that a positive window gets a higher value than a negative one: 0.5 is chance, 1 is "
        "perfect. Accuracy stands beside the majority share, which is what always giving the same answer would reach.",
    ),
    ("Ledger", LEDGER),
)

LIMITS = (
    (
        STANDING_LINE,
        "No page says that an earthquake will or will not come. For warnings ask your national seismological service.",
    ),
    (
        "Chance is the expected answer.",
        "A run that beats chance once proves little: many runs are made, and the time of year, storms, gaps or a "
        "change of instrument can look like skill.",
    ),
    (
        "A synthetic world",
        "says something about the method and nothing about the Earth. What is made from it is marked.",
    ),
    ("Few earthquakes.", "A few hundred are very few for a network with millions of parameters."),
)

PAPER_AUTHORS = "L. Petrescu and I.-A. Moldovan (2022)"
PAPER_TITLE = "Prospective Neural Network Model for Seismic Precursory Signal Detection in Geomagnetic Field Records"
PAPER_PLACE = "Machine Learning and Knowledge Extraction 4, 912-923"
PAPER_DOI = "10.3390/make4040046"
PAPER_HERE = (
    "This is an independent implementation. The paper's set-up is there as presets whose names begin with 'paper'; "
    "where it leaves something open or contradicts itself, both readings can be chosen, or the difference is said here."
)

PAPER_HEAD = ("In the paper", "What is unclear or wrong", "What is done here")
PAPER_POINTS = (
    (
        "Accuracy equals the class share",
        "0.664, 0.586 and 0.414 are what a constant answer gives (0.414 = 1 - 0.586); they show no skill.",
        "The majority share stands beside every accuracy; AUC with its interval is what counts.",
    ),
    (
        "Filter corner of 0.02 Hz",
        "Minute data hold nothing faster than 1/120 Hz. Likely meanings: 100, 50 or 833 minutes.",
        "Corners are given as periods; impossible ones are refused.",
    ),
    (
        "Division by the largest Bz",
        "The level of some 40,000 nT stays in. Measured: the network then stays at chance (AUC 0.46 to 0.50) even for "
        "planted bursts of 50 nT, and all its hidden units die.",
        "Kept as normalisation 'paper'; the default removes the level first.",
    ),
    (
        "Table 2 and the text differ",
        "The column of activations seems shifted by one row.",
        "Both readings are a switch; the text's is the default.",
    ),
    (
        "Random 80/20 split, no test set",
        "Neighbouring windows fall on both sides, and the optimiser was chosen on the same 20 %.",
        "Blocks in time are the default; the random split is allowed under its name and marked as leaking.",
    ),
    (
        "200 km in the methods, 100 km in the conclusions; 'M > 4' and 'minimum 4'",
        "The criteria differ within the paper.",
        "Both are settings; the methods' are the preset.",
    ),
    (
        "100 km depth for Vrancea",
        "The theory it follows is for less than 30 km; the nest lies at about 60 to 180 km.",
        "A preset; it goes beyond the theory.",
    ),
    (
        "Storms removed from the negatives only",
        "Kp alone can then tell the classes apart; no threshold is given.",
        "Storms are removed from both classes by default; the paper's rule is a switch.",
    ),
    (
        "Where a window ends",
        "Not said: shaking of the instrument could leak into the window.",
        "A window ends at least one minute before the origin time.",
    ),
    (
        "Gaps 'less than 3 minutes', and 'more than a few'",
        "What lies between is left open.",
        "One number decides; what was repaired is counted.",
    ),
    (
        "Largest magnitude 6.0 in the text, 6.6 in Table 1",
        "A contradiction: Norcia 2016 lies 187 km from DUR.",
        "Nothing is taken from the table; the catalogue decides.",
    ),
    (
        "Periods of DUR and IZN",
        "They look interchanged: the numbers of events fit the other way round. That is an inference.",
        "Periods come from the files.",
    ),
    (
        "Coordinates of DUR in Table 1",
        "Degrees and minutes printed as decimals: 33 km off.",
        "Official coordinates are used, without a switch; the printed ones are kept beside them in data/stations.toml.",
    ),
    ("'Prospective'", "Every result is on past data.", "The word is kept for forecasts in the ledger."),
)

THANKS = (
    "The results presented here rely on data collected at magnetic observatories. We thank the national institutes "
    "that support them, and INTERMAGNET for promoting high standards of magnetic observatory practice."
)

SOURCES_HEAD = ("What", "Whose", "Terms", "Where")
SOURCES = (
    (
        "Minute data of INTERMAGNET observatories",
        "the institutes above, INTERMAGNET",
        "CC BY-NC 4.0 unless the institute says otherwise; no commercial use or bulk distribution",
        "https://www.intermagnet.org",
    ),
    (
        "Kp and ap",
        "GFZ Helmholtz Centre for Geosciences; Matzka et al. 2021, doi:10.1029/2020SW002641",
        "CC BY 4.0",
        "https://doi.org/10.5880/Kp.0001",
    ),
    ("Kp as SW-All", "CelesTrak, from GFZ", "free, with its address", "https://celestrak.org/SpaceData/"),
    (
        "Dst",
        "World Data Center for Geomagnetism, Kyoto",
        "non-commercial research",
        "https://wdc.kugi.kyoto-u.ac.jp",
    ),
    ("Earthquakes, ComCat", "U.S. Geological Survey", "public domain", "https://doi.org/10.5066/F7MS3QZH"),
    ("Earthquakes, Italy", "INGV", "CC BY 4.0", "https://doi.org/10.13127/ISIDE"),
    ("Earthquakes, Turkey", "KOERI, Bogazici University", "ask KOERI", "http://www.koeri.boun.edu.tr"),
    ("Earthquakes, Romania", "INFP", "ask INFP", "https://www.infp.ro"),
    (
        "Main field of the synthetic world",
        "IGRF (IAGA), through ppigrf",
        "free",
        "https://www.ngdc.noaa.gov/IAGA/vmod/igrf.html",
    ),
    ("Coasts and borders", "Made with Natural Earth", "public domain", "https://www.naturalearthdata.com"),
    (
        "Plate boundaries",
        "PB2002, Bird (2003); GeoJSON by Hugo Ahlenius, Nordpil",
        "ODC-By 1.0",
        "https://doi.org/10.1029/2001GC000252",
    ),
    ("Figures", "plotly.js", "MIT licence", "https://plotly.com/javascript/"),
)
