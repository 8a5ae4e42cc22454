"""Topics around the house: recipes, gardening, charging a car, insuring a pet."""

from drift_core.simulation.vocabulary.topic import topic

RECIPES = topic(
    "recipes",
    {
        "dish": "lentil soup|lasagne|sourdough|chicken curry|shakshuka|risotto|banana bread|dumplings|ramen|paella",
        "food": "leeks|chickpeas|salmon|aubergine|rye flour|tofu|pork shoulder|mushrooms|rhubarb|celeriac",
        "swap": "eggs|butter|cream|buttermilk|soy sauce|yeast|white wine|cornflour",
        "tool": "slow cooker|cast iron pan|air fryer|pressure cooker|steamer|camping stove",
    },
    (
        "how long to simmer {dish}|{dish} for {n} people|easy {dish}|what goes with {dish}|{dish} from scratch"
        "|weeknight {dish} with {food}|traditional {dish} ingredients",
        "Soften the onions slowly, add {food} and let the {dish} cook over a low flame."
        "|For {n} people allow 80 grams a head and season at the end."
        "|Serve {dish} with a green salad and good bread.",
    ),
    (
        "no {swap} in the house|replace {swap} in {dish}|{dish} without {swap}|vegan {dish}"
        "|substitute for {swap} when baking"
        "|gluten free {dish} that does not fall apart",
        "Ground flax with water binds like {swap} in most batters."
        "|Leave {swap} out and add a spoon of vinegar for the missing acidity."
        "|A vegan version gains depth from roasted {food}.",
    ),
    (
        "why is my {dish} soggy|{dish} too salty, rescue|burnt the bottom of {dish}|{dish} split what went wrong"
        "|dough for {dish} will not rise|{food} turned out tough",
        "A pot that tastes too salty is stretched with unsalted stock, not with potato."
        "|Dense crumb means that the dough was cold or under-proofed."
        "|Dry {food} well before frying, otherwise it steams.",
    ),
    (
        "freeze {dish}|how long does cooked {food} keep|reheat {dish} safely|leftover {food} ideas"
        "|can you make {dish} the day before|store {food} in the fridge",
        "Cool {dish} within two hours and keep it for three days at most."
        "|Cooked {food} freezes well for two months when the air is pressed out."
        "|Reheat until steam rises from the middle.",
    ),
    (
        "{food} in a {tool}|{tool} temperature for {food}|{tool} {dish}|is a {tool} worth it for {food}"
        "|how do i roast {food}|marinate {food} overnight or not",
        "In a {tool}, {food} needs about half the usual time."
        "|Cut {food} evenly, toss in oil and leave space between the pieces."
        "|A marinade with acid should not stay on {food} for longer than four hours.",
    ),
)

GARDENING = topic(
    "gardening",
    {
        "plant": "tomatoes|roses|hydrangea|courgettes|lavender|a fig tree|strawberries|box hedge|dahlias|peonies",
        "pest": "aphids|slugs|powdery mildew|vine weevil|blight|whitefly|black spot|scale insects",
        "spot": "a north facing balcony|clay soil|raised beds|a windy slope|deep shade|pots|a dry border",
        "month": "March|late April|June|September|October|November",
    },
    (
        "when to prune {plant}|cut back {plant} in {month}|how hard can i prune {plant}|deadhead {plant} or leave"
        "|shape {plant} without killing it|{plant} got leggy",
        "Prune {plant} in {month}, just above an outward facing bud."
        "|Never take more than a third of the living wood in one season."
        "|Deadheading keeps {plant} in flower until the first frost.",
    ),
    (
        "{pest} on {plant}|get rid of {pest}|{pest} organic remedy|white spots on leaves of {plant}"
        "|what eats my {plant} at night|holes in {plant}, is it {pest}",
        "Against {pest} remove the worst leaves and encourage ladybirds."
        "|A spray of soft soap in the evening controls {pest} without harm to bees."
        "|Good spacing lets air through and keeps {pest} away.",
    ),
    (
        "sow {plant} in {month}|start {plant} indoors|germination of {plant} takes how long"
        "|too early for {plant} in {month}"
        "|harden off {plant}|seedlings tall and thin",
        "Sow under glass in {month} and plant out when nights stay above eight degrees."
        "|Weak, pale seedlings want more light rather than more warmth."
        "|Harden {plant} off over ten days, at first in the shade.",
    ),
    (
        "what grows on {spot}|{plant} for {spot}|improve {spot}|ground cover for {spot}|will {plant} survive on {spot}"
        "|low effort border for {spot}",
        "On {spot}, {plant} needs a spade of compost in every hole."
        "|Choose species that come from the same conditions as {spot}."
        "|Mulch in {month} holds moisture and smothers weeds.",
    ),
    (
        "leaves of {plant} turn yellow|how often to water {plant}|{plant} drooping in the heat|feed {plant} with what"
        "|{plant} on {spot} not flowering|is coffee ground good for {plant}",
        "Yellow between the veins points to a lack of iron on chalky ground."
        "|Water deeply once or twice a week, at the roots and in the morning."
        "|Too much nitrogen gives {plant} leaf instead of bloom.",
    ),
)

CHARGING = topic(
    "charging",
    {
        "car": "the Lumo E|my Ardent 5|a plug-in hybrid|the company EV|two electric cars|an older Volta hatchback",
        "box": "wallbox|7 kW car charger|22 kW charger|EV socket in the garage|granny cable|bidirectional charger",
        "home": "a rented flat|a terraced house|an underground car park|an old farmhouse|a shared driveway",
        "power": "solar panels|night tariff|three-phase supply|a 32 A fuse|the house battery|a dynamic tariff",
    },
    (
        "install a {box} at {home}|who may fit a {box}|cost of a {box} in {home}|landlord refuses {box}"
        "|permission for {box} at {home}|electrician quote for {box} seems high",
        "A registered electrician fits the {box} and tells the grid operator."
        "|In {home} the cable run decides the price, more than the {box} itself."
        "|Tenants have the right to ask for a charging point and bear its cost.",
    ),
    (
        "{box} stops after an hour|{car} does not start charging at night|red light on {box}|{box} trips the breaker"
        "|{car} charges slower than it should|{box} offline in the app",
        "A breaker that trips with {power} hints at a missing residual current device of type A-EV."
        "|The car limits the rate when its pack is cold or nearly full."
        "|Restart the {box} by switching its fuse off for {n} seconds.",
    ),
    (
        "top up {car} from {power}|{power} and {box}|charge {car} from surplus only|schedule {car} to charge on {power}"
        "|how much do i save charging with {power}|does {box} work with {power}",
        "With {power}, the controller waits until enough surplus is there."
        "|Set the departure time in the car and leave the price signal to the {box}."
        "|From 1.4 kW on, single-phase supply follows the sun best.",
    ),
    (
        "how many hours for {car} on a {box}|11 kw or 22 kw for {car}|is a normal socket enough for {car}"
        "|range per hour on {box}|full by morning with a {box}|cable length for {car}",
        "A {box} adds about forty kilometres of range in an hour."
        "|A household socket is fine for emergencies but warms up under hours of load."
        "|The on-board converter of {car} sets the ceiling, not the unit on the wall.",
    ),
    (
        "grant for a {box}|claim kilowatt hours of {car} from employer|separate meter for {car}"
        "|bill neighbours for charging at {home}"
        "|is electricity for {car} a benefit in kind|subsidy {power} and {box}",
        "The grant must be approved before the {box} is ordered."
        "|A certified meter is needed when an employer pays for the electricity of {car}."
        "|In {home} with several users, each session is booked by card.",
    ),
)

PETS = topic(
    "pets",
    {
        "pet": "a rescue dog|my tabby|an elderly spaniel|two kittens|a french bulldog|the rabbit|our labrador|a puppy",
        "ill": (
            "hip dysplasia|a torn ligament|diabetes|dental work|skin allergy|a swallowed sock|kidney trouble|cataracts"
        ),
        "plan": "lifetime cover|accident only|the basic policy|comprehensive|a plan with excess",
        "money": "the excess|the premium|the annual limit|co-payment|the waiting period",
    },
    (
        "does {plan} pay for {ill}|{ill} covered or excluded|is {ill} a pre-existing condition"
        "|{pet} had {ill} before we joined"
        "|hereditary things like {ill}|{plan} and {ill}",
        "{Plan} includes {ill} when the first symptom appears after the waiting period."
        "|A condition noted by the vet before the start date is excluded for two years."
        "|Hereditary disease is part of the larger plans only.",
    ),
    (
        "claim for {ill}|vet invoice rejected|how long do you take to pay the vet|pay the clinic directly"
        "|which papers for {ill} claim|{pet} operated abroad, send bill",
        "Send the itemised invoice and the clinical notes within {n}0 days."
        "|Clinics in the network bill us directly, less {money}."
        "|A claim for {ill} is usually settled within a week.",
    ),
    (
        "how much to insure {pet}|quote for {pet}|why did {money} go up|{pet} is {n} years old, still possible"
        "|cheaper with two animals|{plan} monthly price {pet}",
        "Breed, age and postcode decide {money}."
        "|For {pet} the price rises each year from the eighth birthday on."
        "|A second animal in the household lowers the price by a tenth.",
    ),
    (
        "what is {money}|raise {money} to pay less|{money} per condition or per year|difference {plan} and {plan2}"
        "|switch from {plan} to {plan2}|does {money} reset",
        "{Money} applies once a year for each condition."
        "|Moving from one plan to another starts a new waiting period for {ill}."
        "|The yearly ceiling is restored at each renewal.",
    ),
    (
        "{pet} bit a visitor|liability when {pet} damages a sofa|{pet} lost on holiday, reward paid?"
        "|boarding fees if i am in hospital"
        "|insure {pet} for a trip|{pet} died, stop the direct debit",
        "Third party damage by {pet} falls under liability, which is a module of its own."
        "|Boarding is paid for up to {n}0 nights when the owner is in hospital."
        "|The contract ends on the day of death and the rest is repaid.",
    ),
)
